"""One file per recogniser; the file is the registration (`PLUGIN`), its EXAMPLES and NON_EXAMPLES are its contract."""
