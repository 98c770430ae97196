"""The console (值班台): queues live, and a conversation with its evidence marked."""
