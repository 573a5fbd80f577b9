from support.planted_rules.all import BY_NAME, planted
