"""What tests share: people, pages, servers, processes."""
