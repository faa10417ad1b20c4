"""What the bridges between qloupe and other quantizers share: see common."""
