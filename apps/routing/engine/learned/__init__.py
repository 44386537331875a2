"""Success predicted from recorded outcomes: plain Python and numpy. Trained by `manage.py router train`."""
