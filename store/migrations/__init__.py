"""The history of the schema. Each file in `versions` brings an older database one step further."""
