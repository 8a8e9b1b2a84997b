"""The workflows of a regional police council: one file each, its table on one screen."""
