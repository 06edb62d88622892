"""工程: settings, root urls, wsgi, and the process entries."""
