"""What all pages share: layout, style, languages, headers, health, and what a fault looks like."""
