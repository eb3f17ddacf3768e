"""What integrators speak to the platform with: SDKs, made of its description by one generator."""
