"""What people read: Allure, summaries, history. Only reads results."""
