"""What a model learned: figures from arrays, each with an interval where one can be given."""
