namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor exp() => Made(Native.tpo_exp(H));
        public Tensor expm1() => Made(Native.tpo_expm1(H));
        public Tensor log() => Made(Native.tpo_log(H));
        public Tensor log1p() => Made(Native.tpo_log1p(H));
        public Tensor sqrt() => Made(Native.tpo_sqrt(H));
        public Tensor rsqrt() => Made(Native.tpo_rsqrt(H));
        public Tensor square() => Made(Native.tpo_square(H));
        public Tensor sin() => Made(Native.tpo_sin(H));
        public Tensor cos() => Made(Native.tpo_cos(H));
        public Tensor tanh() => Made(Native.tpo_tanh(H));
        public Tensor sigmoid() => Made(Native.tpo_sigmoid(H));
        public Tensor relu() => Made(Native.tpo_relu(H));
        public Tensor silu() => Made(Native.tpo_silu(H));
        public Tensor gelu() => Made(Native.tpo_gelu(H, 0));
        public Tensor gelu(Modules.GELU.Approximate approximate) => Made(Native.tpo_gelu(H, (int)approximate));
        public Tensor erf() => Made(Native.tpo_erf(H));
        public Tensor abs() => Made(Native.tpo_abs(H));
        public Tensor neg() => Made(Native.tpo_neg(H));
        public Tensor floor() => Made(Native.tpo_floor(H));
        public Tensor ceil() => Made(Native.tpo_ceil(H));
        public Tensor round(long decimals = 0) => Made(Native.tpo_round(H, decimals));
        public Tensor isnan() => Made(Native.tpo_isnan(H));
        public Tensor isfinite() => Made(Native.tpo_isfinite(H));
        public Tensor logical_not() => Made(Native.tpo_logical_not(H));
        public Tensor zero_() => Changed(Native.tpo_zero_(H));
        public Tensor sqrt_() => Changed(Native.tpo_sqrt_(H));
        public Tensor rsqrt_() => Changed(Native.tpo_rsqrt_(H));
        public Tensor fill_(Scalar value) => Changed(Native.tpo_fill_scalar_(H, value.Value));

        private static readonly Number One = ((Scalar)1).Value;

        public Tensor add(Tensor target) => Made(Native.tpo_add(H, target.H, One));
        public Tensor add(Tensor target, Scalar alpha) => Made(Native.tpo_add(H, target.H, alpha.Value));
        public Tensor add(Scalar scalar) => Made(Native.tpo_add_scalar(H, scalar.Value));
        public Tensor add_(Tensor target) => Changed(Native.tpo_add_(H, target.H, One));
        public Tensor add_(Tensor target, Scalar alpha) => Changed(Native.tpo_add_(H, target.H, alpha.Value));
        public Tensor add_(Scalar scalar) => Changed(Native.tpo_add_scalar_(H, scalar.Value));
        public Tensor add_(Scalar scalar, Scalar alpha) => Changed(Native.tpo_add_scalar_(H, scalar.Times(alpha)));
        public Tensor sub(Tensor target) => Made(Native.tpo_sub(H, target.H));
        public Tensor sub(Scalar scalar) => Made(Native.tpo_sub_scalar(H, scalar.Value));
        public Tensor sub_(Tensor target) => Changed(Native.tpo_sub_(H, target.H));
        public Tensor sub_(Scalar scalar) => Changed(Native.tpo_sub_scalar_(H, scalar.Value));
        public Tensor mul(Tensor target) => Made(Native.tpo_mul(H, target.H));
        public Tensor mul(Scalar target) => Made(Native.tpo_mul_scalar(H, target.Value));
        public Tensor mul_(Tensor target) => Changed(Native.tpo_mul_(H, target.H));
        public Tensor mul_(Scalar target) => Changed(Native.tpo_mul_scalar_(H, target.Value));

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Made(rounding_mode == RoundingMode.None ? Native.tpo_div(H, target.H) : Native.tpo_div_rounded(H, target.H, (int)rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Made(rounding_mode == RoundingMode.None ? Native.tpo_div_scalar(H, target.Value) : Native.tpo_div_rounded_scalar(H, target.Value, (int)rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Changed(Native.tpo_div_(H, target.H)) : Assigned(div(target, rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Changed(Native.tpo_div_scalar_(H, target.Value)) : Assigned(div(target, rounding_mode));

        private Tensor Assigned(Tensor value)
        {
            using (value) return copy_(value);
        }

        public Tensor pow(Tensor exponent) => Made(Native.tpo_pow(H, exponent.H));
        public Tensor pow(Scalar exponent) => Made(Native.tpo_pow_scalar(H, exponent.Value));
        public Tensor pow_(Tensor exponent) => Changed(Native.tpo_pow_(H, exponent.H));
        public Tensor pow_(Scalar exponent) => Changed(Native.tpo_pow_scalar_(H, exponent.Value));
        public Tensor maximum(Tensor other) => Made(Native.tpo_maximum(H, other.H));
        public Tensor minimum(Tensor other) => Made(Native.tpo_minimum(H, other.H));

        public Tensor clamp(Scalar? min = null, Scalar? max = null) =>
            Made(Native.tpo_clamp(H, min is null ? 0 : 1, min?.Value ?? default, max is null ? 0 : 1, max?.Value ?? default));

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) =>
            Changed(Native.tpo_clamp_(H, min is null ? 0 : 1, min?.Value ?? default, max is null ? 0 : 1, max?.Value ?? default));

        public Tensor lerp(Tensor end, Tensor weight) => Made(Native.tpo_lerp(H, end.H, weight.H));
        public Tensor lerp_(Tensor end, Tensor weight) => Changed(Native.tpo_lerp_(H, end.H, weight.H));
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Changed(Native.tpo_addcmul_(H, tensor1.H, tensor2.H, value.Value));
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Changed(Native.tpo_addcdiv_(H, tensor1.H, tensor2.H, value.Value));
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Changed(Native.tpo_addcdiv_(H, tensor1.H, tensor2.H, One));

        public Tensor eq(Tensor target) => Made(Native.tpo_eq(H, target.H));
        public Tensor eq(Scalar target) => Made(Native.tpo_eq_scalar(H, target.Value));
        public Tensor ne(Tensor target) => Made(Native.tpo_ne(H, target.H));
        public Tensor ne(Scalar target) => Made(Native.tpo_ne_scalar(H, target.Value));
        public Tensor lt(Tensor target) => Made(Native.tpo_lt(H, target.H));
        public Tensor lt(Scalar target) => Made(Native.tpo_lt_scalar(H, target.Value));
        public Tensor le(Tensor target) => Made(Native.tpo_le(H, target.H));
        public Tensor le(Scalar target) => Made(Native.tpo_le_scalar(H, target.Value));
        public Tensor gt(Tensor target) => Made(Native.tpo_gt(H, target.H));
        public Tensor gt(Scalar target) => Made(Native.tpo_gt_scalar(H, target.Value));
        public Tensor ge(Tensor target) => Made(Native.tpo_ge(H, target.H));
        public Tensor ge(Scalar target) => Made(Native.tpo_ge_scalar(H, target.Value));
        public Tensor logical_and(Tensor other) => Made(Native.tpo_logical_and(H, other.H));
        public Tensor logical_or(Tensor other) => Made(Native.tpo_logical_or(H, other.H));

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Native.tpo_allclose(H, target.H, rtol, atol, equal_nan ? 1 : 0) is var same and >= 0 ? same == 1 : throw Native.Failure();

        public Tensor matmul(Tensor target) => Made(Native.tpo_matmul(H, target.H));
        public Tensor bmm(Tensor batch2) => Made(Native.tpo_bmm(H, batch2.H));
        public Tensor mm(Tensor target) => Made(Native.tpo_mm(H, target.H));
        public Tensor mv(Tensor target) => Made(Native.tpo_mv(H, target.H));
        public Tensor dot(Tensor target) => Made(Native.tpo_dot(H, target.H));
        public Tensor outer(Tensor vec2) => Made(Native.tpo_outer(H, vec2.H));
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Made(Native.tpo_addmm(H, mat1.H, mat2.H, beta, alpha));
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Changed(Native.tpo_addmm_(H, mat1.H, mat2.H, beta, alpha));
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Made(Native.tpo_baddbmm(H, batch1.H, batch2.H, beta, alpha));
    }
}
