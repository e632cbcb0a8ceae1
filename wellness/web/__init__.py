"""The pages: Flask, forms, templates, access. No SQL and no Markdown here; a view fetches, asks one use case, answers."""
