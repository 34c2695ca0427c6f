"""What a host may do: each service is asked by the API and by the command line alike."""
