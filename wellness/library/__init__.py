"""The library: Markdown files that coaches write, read into sessions and pages with every problem named by its line."""
