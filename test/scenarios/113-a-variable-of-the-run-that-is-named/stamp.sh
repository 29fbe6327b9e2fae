echo "$GITHUB_RUN_ID"
