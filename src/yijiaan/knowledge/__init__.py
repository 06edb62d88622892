"""知识库: guides and answers, so that who asks "how do I …" is answered at once, on the resident's page or by the centre.

Table: `Article`. Deeds: `write_article`, `publish_article`, `retire_article`. Search by pairs of characters (`core.bigrams`).
"""
