"""What can be said about policies and catalogs without a device."""
