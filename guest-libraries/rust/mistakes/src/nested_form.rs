#[derive(wasi_mcp_guest::Form)]
struct Order {
    toppings: Vec<String>,
}
