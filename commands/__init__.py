"""The commands of `politirad`, one thin file per family: parse, one service call, print."""
