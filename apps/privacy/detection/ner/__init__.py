"""The small recogniser of names and addresses that the project trains itself (`manage.py train_names`)."""
