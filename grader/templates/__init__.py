"""What the commands render: the report's page and the course's configuration."""
