"""The release build, which every later stage uses."""

ORDER = 10
SUMMARY = "release build of everything"
FAST = True


def run(context):
    return context.build("release")
