"""What people type on the pages about meetings. Forms check, they never save."""
