//! What the engine is asked about requests.

/// Not opened if the person has another open request, at a relay that lives, which does not give way to it, or if there were too
/// many calls. Our own are known here better. One that is there already, because it was put back in the meantime, stays what it is.
pub(super) const OPEN: &str = "\
WITH spent AS (
    SELECT count(*) FILTER (WHERE host = $9::text) >= $11::int8 OR count(*) >= $12::int8 AS is_all FROM call
    WHERE person = $1 AND familiar = $10::bool AND at > now() - interval '5 minutes'),
opened AS (
    INSERT INTO open_request (person, id, replica, credentials, event, expires, gives_way)
    SELECT $1::text, $2::text, $3::text, $4::bytea[], $5::bytea, now() + $6::float8 * interval '1 second', $13::bool FROM spent
    WHERE is_all IS NOT TRUE
    ON CONFLICT (person) DO UPDATE SET id = excluded.id, replica = excluded.replica, credentials = excluded.credentials,
        event = excluded.event, expires = excluded.expires,
        answered_by = CASE WHEN open_request.id = excluded.id THEN open_request.answered_by END,
        gives_way = excluded.gives_way AND (open_request.gives_way OR open_request.id <> excluded.id)
    WHERE open_request.expires < now() OR open_request.answered_by IS NOT NULL
        OR open_request.gives_way AND NOT excluded.gives_way
        OR open_request.replica = excluded.replica OR NOT EXISTS (
            SELECT FROM replica WHERE replica.id = open_request.replica AND seen > now() - interval '10 seconds')
    RETURNING 1),
counted AS (
    INSERT INTO call (id, person, host, familiar, at)
    SELECT $2::text, $1::text, $9::text, $10::bool, now() FROM opened WHERE $9::text IS NOT NULL
    ON CONFLICT DO NOTHING)
SELECT (SELECT pg_notify($7, $8)::text FROM opened), EXISTS (SELECT FROM opened), is_all IS TRUE FROM spent";

pub(super) const ANSWER: &str = "\
WITH answered AS (
    UPDATE open_request SET answered_by = $3
    WHERE person = $1 AND id = $2 AND answered_by IS NULL AND $3 = ANY (credentials) AND expires > now()
    RETURNING id),
kept AS (INSERT INTO reply SELECT id, $1, $4, $3, now() FROM answered ON CONFLICT DO NOTHING)
SELECT pg_notify($5, $6)::text FROM answered";

/// Whether it is answered already.
pub(super) const HOLD: &str = "\
UPDATE open_request SET gives_way = false WHERE person = $1 AND id = $2 AND expires > now()
RETURNING answered_by IS NOT NULL";

/// Whether by this very answer.
pub(super) const IS_ANSWERED: &str = "\
SELECT reply.answered_by = $3 AND reply.answer = $4 FROM open_request LEFT JOIN reply USING (id)
WHERE open_request.person = $1 AND id = $2 AND $3 = ANY (credentials) AND open_request.answered_by IS NOT NULL";

pub(super) const END: &str = "\
WITH ended AS (DELETE FROM open_request WHERE id = $1 RETURNING 1),
fetched AS (DELETE FROM reply WHERE id = $1),
wanted AS (DELETE FROM call WHERE id = $1 AND $5)
SELECT pg_notify($3, $4)::text,
    NOT EXISTS (SELECT FROM ended) AND EXISTS (SELECT FROM open_request WHERE person = $2 AND id <> $1)";

pub(super) const TELL: &str = "SELECT pg_notify($1, $2)::text";

pub(super) const STATUS: &str = "\
SELECT reply.person, answer, reply.answered_by, EXISTS (SELECT FROM open_request WHERE id = asked.id)
FROM (VALUES ($1::text)) AS asked (id) LEFT JOIN reply USING (id)";

pub(super) const WAITING: &str = "\
SELECT person, id, credentials, event, answered_by, extract(epoch FROM expires - now())::float8, gives_way
FROM open_request WHERE person = ANY ($1) AND replica <> $2 AND expires > now()";
