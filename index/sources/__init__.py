"""Where articles come from: files and folders, pages on the web, feeds and sitemaps."""
