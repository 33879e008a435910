# Google's own implementation, by the gem google-protobuf, as the judge of our JSON.
# Each line of standard input is "read TYPE JSON" or "write TYPE HEX"; each line of the answer the
# message in hex, the JSON, or "refused". Ends with 77 where the gem is not installed.
begin
  require "google/protobuf"
rescue LoadError
  exit 77
end

pool = Google::Protobuf::DescriptorPool.generated_pool
set = File.binread(ARGV.fetch(0))
files = []
at = 0
while at < set.bytesize # FileDescriptorSet: one field, length-delimited, a file each
  at += 1
  size = shift = 0
  loop do
    byte = set.getbyte(at)
    at += 1
    size |= (byte & 0x7f) << shift
    shift += 7
    break if byte < 0x80
  end
  files << set.byteslice(at, size)
  at += size
end
files.each do |file|
  pool.add_serialized_file(file)
rescue Google::Protobuf::TypeError => e
  raise unless e.message.include?("duplicate file name") # descriptor.proto is its own
end

STDIN.each_line do |line|
  verb, name, rest = line.chomp.split(" ", 3)
  type = pool.lookup(name).msgclass
  begin
    puts verb == "read" ? type.encode(type.decode_json(rest)).unpack1("H*")
                        : type.encode_json(type.decode([rest].pack("H*")))
  rescue StandardError
    puts "refused"
  end
end
