"""The order of things over time: one durable workflow per account, and how it is started and told of facts."""
