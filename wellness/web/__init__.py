"""The pages: Flask, forms, templates, access. No SQL, no Markdown; a view fetches, asks one use case, answers."""
