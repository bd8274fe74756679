/**
 * The functions a hand-written query may call. A list of what is allowed, since engines have functions that
 * read other tables or files (PostgreSQL's query_to_xml and pg_read_file).
 */
export const allowedFunctions: ReadonlySet<string> = new Set(
  `abs avg ceil ceiling char_length coalesce concat concat_ws count cume_dist date date_part date_trunc datetime
  dense_rank exp extract first_value floor format greatest group_concat hex iif ifnull instr jsonb_agg
  jsonb_array_elements jsonb_array_length jsonb_build_array jsonb_build_object jsonb_extract_path
  jsonb_extract_path_text jsonb_object_agg json json_agg json_array json_array_length json_build_array
  json_build_object json_each json_extract json_group_array json_group_object json_object json_type json_valid
  julianday lag last_value lead least left length ln log lower lpad ltrim make_interval max min mod nth_value ntile
  now nullif octet_length percent_rank percentile_cont percentile_disc position pow power printf quote rank replace
  right round row_number rpad rtrim sign split_part sqrt stddev strftime string_agg strpos substr substring sum time
  timediff to_char to_timestamp total translate trim trunc typeof unicode unixepoch unnest upper variance bool_and bool_or
  any all exists cast date_bin age`.split(/\s+/),
)
