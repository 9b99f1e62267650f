// Renders per second of Apache Velocity 1.7 over the templates beside this file, warmed up, one thread.
// java -cp CLASSPATH Templates FOLDER SECONDS: a line for each template, its name, renders per second and its output's hash.
import com.jayway.jsonpath.*;
import com.jayway.jsonpath.spi.json.JsonSmartJsonProvider;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import net.minidev.json.*;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.event.*;
import org.apache.velocity.context.Context;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.runtime.parser.node.SimpleNode;
import org.apache.velocity.util.introspection.Info;

public class Templates {
    static final JsonSmartJsonProvider PROVIDER = new JsonSmartJsonProvider();
    static final Configuration CONFIGURATION = Configuration.builder().jsonProvider(PROVIDER)
            .mappingProvider(new com.jayway.jsonpath.spi.mapper.JsonSmartMappingProvider()).build();
    static final Map<String, JsonPath> PATHS = new HashMap<>();

    public static class Input {
        final String body;
        final Map<String, Object> params;
        Object document;

        Input(String body, Map<String, Object> params) {
            this.body = body;
            this.params = params;
        }

        public String getBody() { return body; }

        public Object path(String path) {
            if (document == null) document = PROVIDER.parse(body);
            try {
                return PATHS.computeIfAbsent(path, JsonPath::compile).read(document, CONFIGURATION);
            } catch (PathNotFoundException e) {
                return null;
            }
        }

        public String json(String path) {
            Object found = path(path);
            if (found == null) return "\"\"";
            return found instanceof Map || found instanceof List ? PROVIDER.toJson(found) : JSONValue.toJSONString(found, JSONStyle.LT_COMPRESS);
        }

        public Map<String, Object> params() { return params; }

        public String params(String name) {
            for (Object kind : params.values()) {
                Object value = ((Map<?, ?>) kind).get(name);
                if (value != null) return value.toString();
            }
            return "";
        }
    }

    public static class Util {
        public String escapeJavaScript(Object o) { return o == null ? null : StringEscapeUtils.escapeJavaScript(o.toString()); }
        public String urlEncode(Object o) throws Exception { return java.net.URLEncoder.encode(o.toString(), "UTF-8"); }
        public String base64Encode(Object o) { return Base64.getEncoder().encodeToString(o.toString().getBytes(StandardCharsets.UTF_8)); }
        public String base64Decode(Object o) { return new String(Base64.getDecoder().decode(o.toString()), StandardCharsets.UTF_8); }
    }

    public static class Empty implements InvalidReferenceEventHandler {
        public Object invalidGetMethod(Context c, String r, Object o, String p, Info i) { return ""; }
        public boolean invalidSetMethod(Context c, String l, String r, Info i) { return false; }
        public Object invalidMethod(Context c, String r, Object o, String m, Info i) { return ""; }
    }

    static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) map.put((String) pairs[i], pairs[i + 1]);
        return map;
    }

    static String render(RuntimeInstance velocity, SimpleNode template, String body) {
        VelocityContext context = new VelocityContext();
        context.put("input", new Input(body, map("path", map("id", "17"), "querystring", map("page", "2", "q", "a b"),
                "header", map("Accept", "*/*", "User-Agent", "curl/8.0", "X-Trace", "it's \"1\""))));
        context.put("util", new Util());
        context.put("stageVariables", map("table", "users", "env", "prod"));
        context.put("context", new HashMap<>(map("requestId", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "stage", "prod", "apiId", "a1b2c3", "httpMethod", "POST",
                "resourceId", "r1", "resourcePath", "/orders/{id}", "identity", new HashMap<>(map("sourceIp", "203.0.113.1", "userAgent", "curl/8.0", "accountId", "")),
                "requestOverride", new HashMap<>(map("header", new HashMap<>(), "path", new HashMap<>(), "querystring", new HashMap<>())),
                "responseOverride", new HashMap<>(map("header", new HashMap<>())))));
        EventCartridge cartridge = new EventCartridge();
        cartridge.addEventHandler(new Empty());
        cartridge.attachToContext(context);
        StringWriter out = new StringWriter();
        velocity.render(context, out, "t", template);
        return out.toString();
    }

    public static void main(String[] args) throws Exception {
        RuntimeInstance velocity = new RuntimeInstance();
        velocity.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        velocity.setProperty("resource.loader", "string");
        velocity.setProperty("string.resource.loader.class", "org.apache.velocity.runtime.resource.loader.StringResourceLoader");
        velocity.setProperty("velocimacro.library", "");
        velocity.init();
        long span = (long) (Double.parseDouble(args[1]) * 1e9);
        File[] files = new File(args[0]).listFiles((folder, name) -> name.endsWith(".vm"));
        Arrays.sort(files);
        for (File file : files) {
            String name = file.getName().replace(".vm", "");
            String body = Files.readString(Path.of(args[0], name + ".json"));
            SimpleNode template = velocity.parse(new StringReader(Files.readString(file.toPath())), "t" + name);
            String out = "";
            // Twice the time to warm up, then the measurement.
            for (long end = System.nanoTime() + 2 * span; System.nanoTime() < end;) out = render(velocity, template, body);
            long begin = System.nanoTime(), count = 0;
            for (; System.nanoTime() - begin < span; count++) out = render(velocity, template, body);
            double perSecond = count / ((System.nanoTime() - begin) / 1e9);
            long hash = 0xcbf29ce484222325L;
            for (byte b : out.getBytes(StandardCharsets.UTF_8)) hash = (hash ^ (b & 0xff)) * 1099511628211L;
            System.out.printf("%s %.0f %016x%n", name, perSecond, hash);
        }
    }
}
