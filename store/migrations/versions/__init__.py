"""One migration per file, numbered as `store.schema.REVISION` is."""
