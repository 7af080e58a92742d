"""The shell: settings, the command line and the web application. The only code that starts things."""
