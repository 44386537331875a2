"""The vocabulary of OpenRoute: frozen values, enums, the error root, the plugin loader. Plain Python, no Django."""
