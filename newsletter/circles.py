"""Who may still read an edition at the moment it leaves, for the start fence of the outbox.

`newsletter.recipients.insiders` says the same of a whole community, when recipients are frozen; a
test holds the two together. Written out, because the fence asks it before each mail.
"""

BELONGS = """(EXISTS (
    SELECT FROM members_community c WHERE c.public_id = d.scope AND (
      EXISTS (SELECT FROM members_rolegrant g
        WHERE g.community_id = c.id AND g.person_id = d.person_id AND g.role <> 'evaluator'
          AND g.starts_on <= {today} AND (g.ends_on IS NULL OR g.ends_on >= {today}))
      OR EXISTS (SELECT FROM members_membership m
        WHERE m.community_id = c.id AND m.person_id = d.person_id
          AND m.state IN ('active', 'grace') AND m.category IN (%s))))
  AND NOT EXISTS (
    SELECT FROM members_affiliation a JOIN members_organization o ON o.id = a.organization_id
    WHERE a.person_id = d.person_id AND a.state <> 'ended' AND o.is_regulator_or_funder))"""
# Narrowest first: whoever no longer belongs to one gets the next that is open to them.
RINGS = {
    "members": BELONGS % "'member'",
    "members_and_allies": BELONGS % "'member', 'ally'",
    "public": "",
}
