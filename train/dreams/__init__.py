"""Acting inside a world model: rewards, dreams, an agent that learns from them, plans, and tasks that judge them."""
