"""How every page that we write begins. It fetches nothing and runs nothing, whatever somebody wrote into the record."""

from __future__ import annotations

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may do with a page: show it, in the style that it brings along."""


def page_head(language: str, title: str, style: str) -> str:
    """A page of HTML as far as its body; language and title come escaped, and the style is our own."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>"
    )
