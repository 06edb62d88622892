"""引擎: generic machines used by two or more apps. They know no app; four string keys name what they point at."""
