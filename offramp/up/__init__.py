"""What `offramp up` needs: ports, processes, and a Temporal server of its own."""
