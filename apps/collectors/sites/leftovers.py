"""Tell what a theme or a page builder has left in a page from an account: yourusername, example, its maker's own."""

import re
from typing import Final

from apps.collectors.types import Target

# Words of which names to be filled in are made: your-page-name, USERNAME, my_channel, example.
_OF_WHOM: Final = r"(?:your|my|our|insert|enter|put|sample|example|demo|test|dummy|default)"
_OF_WHAT: Final = (
    r"(?:user|account|profile|page|channel|group|public|company|business|brand|site|website|organi[sz]ation|shop|store|name"
    r"|nick|login|handle|link|url|id|here|social|facebook|fb|twitter|instagram|insta|ig|youtube|yt|telegram|tg|tiktok|vk"
    r"|threads|akkaunt|stranica|kanal)"
)
TO_BE_FILLED: Final = re.compile(
    rf"your[a-z]{{0,30}}|{_OF_WHOM}{{1,3}}{_OF_WHAT}+\d{{0,4}}|{_OF_WHAT}{{2,4}}"
    r"|(?:user|account|profile|page|channel|group|company|brand|site|website|domain|nick|name|login|handle|link|url|social)"
    r"|(?:user|test|sample|example|demo|dummy|default|placeholder)\d{0,4}|example(?:com|org|net|kz|ru)"
    r"|lorem(?:ipsum)?|ipsum|johndoe|janedoe|changeme|foobar|foo|qwerty|asdf\w{0,10}|todo|undefined|null|none"
    r"|(?:uc)?(?P<letter>[a-z])(?P=letter){2,}|abc(?:de?f?)?|0+"
)
# Makers of themes, page builders and site engines, whose demo pages link themselves, and the platforms' own.
_MAKERS: Final = (
    "wordpress wordpressdotcom wordpresscom wpbeginner wix wixcom wixstudio elementor elemntor "
    "elementorteam envato envatomarket envatostudio envatotuts envatoelements themeforest codecanyon "
    "themeisle elegantthemes squarespace weebly joomla drupal bitrix bitrix24 1cbitrix tilda "
    "tildapublishing tildacc tildaru shopify webflow godaddy getbootstrap colorlib colorlibhq "
    "templatemonster html5up html5templates wpastra brainstormforce oceanwp generatepress avada "
    "themefusion flatsome uxthemes wpbakery yoast mailchimp hubspot nicepage nicepagecom mobirise ukit "
    "ucoz nethouse insales opencart modx modxcms typo3 prestashop magento woocommerce automattic jetpack "
    "kadencewp blocksy stylemixthemes tagdiv tagdivofficial wpzoom wpexplorer thimpress webnode jimdo "
    "strikingly freepik htmlcodex bootstrapmade startbootstrap themefisher creativetim untreeco "
    "styleshout templatemo ajlkn fontawesome facebook facebookapp meta instagram twitter x xcorp youtube "
    "telegram tiktok vk vkontakte threads mastodon bluesky bskyapp ok odnoklassniki whatsapp google "
    "googleplus linkedin pinterest "
)
MAKERS: Final = frozenset(_MAKERS.split())


def is_leftover(target: Target, site: str) -> bool:
    """Tell whether a name was left to be filled in, or is that of a theme's maker; `site` is the host of the page.

    A maker's own site names its own accounts.
    """
    name = target.handle.lower().partition("@")[0] if target.platform == "mastodon" else target.handle.lower()
    bare = re.sub(r"[^a-z0-9]", "", name.rpartition("/")[2] or target.platform_id.lower()).removesuffix(
        "bskysocial"
    )
    if bare in MAKERS:
        return bare not in site.split(".")
    return bool(TO_BE_FILLED.fullmatch(bare))
