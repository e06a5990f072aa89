"""What the programs in this folder share: servers on one core, load from the other, figures."""
