"""Names of people, places and organisations in running text, Chinese and English."""
