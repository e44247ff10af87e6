from cnn.ui.challenges.challenge import show_challenge
from cnn.ui.challenges.overview import opened, overview
from cnn.ui.common.page import page

with page(
    "Challenges",
    "**Pick a challenge** and win it. A judge tests your entry on 1,000 images that nobody trains on.",
) as session:
    challenge = opened()
    if challenge is None:
        overview(session)
    else:
        show_challenge(session, challenge)
