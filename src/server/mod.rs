//! The doors of the process: listener, service, admin, reload, shutdown.
