"""State on the target that cases need: prepared before, undone after, journaled meanwhile."""
