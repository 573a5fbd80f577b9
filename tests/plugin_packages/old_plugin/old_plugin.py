"""A plugin for a version of the plugin interface that is gone."""

INTERLINGUA_API = 0
