"""What workflows may do to the world: one class per file, providers injected, every act idempotent by a key."""
