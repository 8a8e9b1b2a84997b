"""The workflow engine: states, events, approvals and time. It knows no council, no SQL and no command line."""
