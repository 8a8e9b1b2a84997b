"""The letters: one folder each, with its sentences in bokmål, nynorsk and English and the module that composes it.

A letter is composed as one `Content`, whatever the language; one layout renders it as text and as HTML, so that both
say the same. `shared/` has what every letter says, and the two templates.
"""
